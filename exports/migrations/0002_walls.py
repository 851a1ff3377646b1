from django.db import migrations

from accounts.tenancy import wall


class Migration(migrations.Migration):
    dependencies = [("exports", "0001_initial")]

    operations = [wall("exports_event")]
