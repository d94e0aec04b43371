"""What is sold: categories, brands, products, their variants, pictures and size charts."""

from shop.catalogue.models.categories import Brand, Category, Region
from shop.catalogue.models.images import ProductImage, product_image_path
from shop.catalogue.models.products import Colour, Gender, Product, Variant
from shop.catalogue.models.sizes import SizeRow
from shop.catalogue.models.text import Bilingual, in_language

__all__ = [
    "Bilingual",
    "Brand",
    "Category",
    "Colour",
    "Gender",
    "Product",
    "ProductImage",
    "Region",
    "SizeRow",
    "Variant",
    "in_language",
    "product_image_path",
]
