import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('catalogue', '0001_initial'),
        ('fittingroom', '0003_fitting_model_annotation'),
    ]

    operations = [
        migrations.CreateModel(
            name='GarmentLabels',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('image', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='garment_labels', to='catalogue.productimage', verbose_name='picture')),
                ('picture', models.CharField(blank=True, editable=False, max_length=200, verbose_name='file')),
                ('region', models.CharField(blank=True, choices=[('upper', 'upper body'), ('lower', 'lower body'), ('dress', 'dress'), ('outer', 'outerwear'), ('none', 'not dressed')], max_length=8, verbose_name='region')),
                ('status', models.CharField(choices=[('waiting', 'being read'), ('ready', 'ready for try-on'), ('needs_attention', 'needs attention'), ('corrected', 'checked by staff'), ('given', 'came with the picture'), ('failed', 'not possible')], default='waiting', max_length=16, verbose_name='status')),
                ('failure', models.CharField(blank=True, choices=[('no_garment', 'no garment found'), ('bad_image', 'unreadable picture'), ('failed', 'technical failure')], max_length=12, verbose_name='reason')),
                ('kept', models.BooleanField(default=False, help_text='A person vouches for them: no annotator writes over them.', verbose_name='kept')),
                ('width', models.PositiveIntegerField(default=0, editable=False)),
                ('height', models.PositiveIntegerField(default=0, editable=False)),
                ('mask', models.BinaryField(help_text='1-bit PNG', null=True)),
                ('outline', models.JSONField(default=list, editable=False, help_text="the mask's outline: polygons of [x, y], even-odd")),
                ('cut', models.CharField(blank=True, choices=[('top', 'top'), ('trousers', 'trousers'), ('skirt', 'skirt'), ('dress', 'dress')], max_length=8, verbose_name='cut')),
                ('landmarks', models.JSONField(blank=True, default=dict, help_text='name: [x, y, visibility 0 to 2]', verbose_name='landmarks')),
                ('category', models.CharField(blank=True, max_length=16, verbose_name='looks like')),
                ('category_group', models.CharField(blank=True, editable=False, max_length=8)),
                ('category_share', models.FloatField(editable=False, help_text='summed probability of the group', null=True)),
                ('probabilities', models.JSONField(blank=True, default=dict, verbose_name='probabilities')),
                ('colours', models.JSONField(blank=True, default=list, help_text='largest first: name, lab, hex, share', verbose_name='colours')),
                ('pattern', models.CharField(blank=True, max_length=16, verbose_name='pattern')),
                ('confidence', models.FloatField(blank=True, null=True, verbose_name='confidence')),
                ('mask_confidence', models.FloatField(blank=True, null=True, verbose_name='confidence of the mask')),
                ('version', models.CharField(blank=True, max_length=80, verbose_name='annotator')),
                ('digest', models.CharField(blank=True, editable=False, help_text='sha256 of mask and landmarks where a person decided them', max_length=64)),
                ('found_mask', models.BinaryField(help_text='1-bit PNG', null=True)),
                ('found_cut', models.CharField(blank=True, editable=False, max_length=8)),
                ('found_landmarks', models.JSONField(default=dict, editable=False)),
                ('cut_asked', models.CharField(blank=True, choices=[('top', 'top'), ('trousers', 'trousers'), ('skirt', 'skirt'), ('dress', 'dress')], editable=False, max_length=8)),
                ('clicks', models.JSONField(blank=True, default=list, help_text='[x, y, 1 for garment or 0 for ground]', verbose_name='clicks')),
                ('moved', models.JSONField(default=dict, editable=False, help_text='landmarks put by hand')),
                ('corrected_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked by')),
                ('corrected_at', models.DateTimeField(blank=True, null=True, verbose_name='checked at')),
                ('claim', models.UUIDField(blank=True, editable=False, null=True)),
                ('lease_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='lease until')),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='attempts without an answer')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated')),
            ],
            options={
                'verbose_name': 'mask and landmarks of a picture',
                'verbose_name_plural': 'masks and landmarks of pictures',
                'ordering': ['-image_id'],
                'default_permissions': ('view', 'change'),
                'indexes': [models.Index(condition=models.Q(('status', 'waiting')), fields=['lease_until'], name='garmentlabels_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'ready', 'needs_attention', 'corrected', 'given', 'failed'])), name='garmentlabels_status_known'), models.CheckConstraint(condition=models.Q(('status', 'failed'), ('failure', ''), _connector='XOR'), name='garmentlabels_failure_iff_failed'), models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'failed']), models.Q(('mask__isnull', False), models.Q(('picture', ''), _negated=True), models.Q(('cut', ''), _negated=True)), _connector='OR'), name='garmentlabels_ready_has_mask'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['corrected', 'given']), _negated=True), ('kept', True), _connector='OR'), name='garmentlabels_checked_is_kept'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['ready', 'needs_attention']), _negated=True), ('kept', False), _connector='OR'), name='garmentlabels_own_is_not_kept')],
            },
        ),
    ]
