from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fittingroom', '0004_garment_labels'),
    ]

    operations = [
        migrations.AddField(
            model_name='engineconfig',
            name='memory_mb',
            field=models.PositiveIntegerField(blank=True, help_text='What it may take of its device. A smaller limit makes smaller batches. Empty: no limit.', null=True, verbose_name='memory (MB)'),
        ),
    ]
