import django.db.models.deletion
import fittingroom.models.fitting_models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fittingroom', '0002_person_photos'),
    ]

    operations = [
        migrations.AddField(
            model_name='fittingmodel',
            name='annotation_source',
            field=models.CharField(choices=[('given', 'given with the photo'), ('network', 'found by the annotator'), ('corrected', 'corrected by hand')], default='given', max_length=10, verbose_name='annotation'),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='annotator',
            field=models.CharField(blank=True, max_length=60, verbose_name="annotator's version"),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='attempt',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='deaths',
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='densepose',
            field=models.FileField(blank=True, help_text='Kept from imported folders for engines that use it.', upload_to=fittingroom.models.fitting_models.fitting_model_photo_path, verbose_name='DensePose'),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='failure',
            field=models.CharField(blank=True, max_length=300, verbose_name='failure in detail'),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='findings',
            field=models.JSONField(blank=True, default=dict, help_text='What the checks of the photo found: fatal, by region, advice.', verbose_name='checks'),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='lease_until',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='sent_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='source_hash',
            field=models.CharField(blank=True, editable=False, help_text='sha256 of an imported photo as it lay in its folder', max_length=64),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='state',
            field=models.CharField(choices=[('new', 'being annotated'), ('annotated', 'needs acceptance'), ('refused', 'photo does not fit'), ('failed', 'could not be annotated'), ('accepted', 'accepted')], db_index=True, default='accepted', max_length=10, verbose_name='state'),
        ),
        migrations.AddField(
            model_name='fittingmodel',
            name='thumbnail',
            field=models.FileField(blank=True, editable=False, upload_to=fittingroom.models.fitting_models.fitting_model_photo_path),
        ),
        migrations.AlterField(
            model_name='fittingmodel',
            name='keypoints',
            field=models.JSONField(blank=True, help_text='18 OpenPose points [x, y, confidence] in pixels of the photo.', null=True, verbose_name='keypoints'),
        ),
        migrations.AlterField(
            model_name='fittingmodel',
            name='parse',
            field=models.FileField(blank=True, help_text="Palette PNG of the photo's size: 18 ATR classes, pixel value = class.", upload_to=fittingroom.models.fitting_models.fitting_model_photo_path, verbose_name='clothing parse'),
        ),
        migrations.AlterField(
            model_name='tryon',
            name='fitting_model',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tryons', to='fittingroom.fittingmodel', verbose_name='person'),
        ),
        migrations.AddConstraint(
            model_name='fittingmodel',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['new', 'annotated', 'refused', 'failed', 'accepted'])), name='fittingmodel_state_known'),
        ),
        migrations.AddConstraint(
            model_name='fittingmodel',
            constraint=models.CheckConstraint(condition=models.Q(('active', False), ('state', 'accepted'), _connector='OR'), name='fittingmodel_active_is_accepted', violation_error_message='Accept the annotation first.'),
        ),
        migrations.AddConstraint(
            model_name='fittingmodel',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['new', 'refused', 'failed']), models.Q(models.Q(('parse', ''), _negated=True), ('keypoints__isnull', False)), _connector='OR'), name='fittingmodel_annotated_has_annotation'),
        ),
        migrations.AddConstraint(
            model_name='fittingmodel',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'new'), ('lease_until__isnull', True), _connector='OR'), name='fittingmodel_lease_only_new'),
        ),
        migrations.AddConstraint(
            model_name='fittingmodel',
            constraint=models.UniqueConstraint(condition=models.Q(('source_hash', ''), _negated=True), fields=('source_hash',), name='fittingmodel_imported_once'),
        ),
    ]
