from typing import Any

from django.db import migrations


class MakeExact(migrations.AlterField):
    """Make a column an ExactCharField's: on MySQL and MariaDB its collation, elsewhere nothing but the name.

    Django would compare the fields and not the columns: one whose own class became exact would stay as it was.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        connection = schema_editor.connection
        if connection.vendor != "mysql":
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        collation = field.db_parameters(connection).get("collation")
        schema_editor.execute(
            f"ALTER TABLE {schema_editor.quote_name(model._meta.db_table)} "
            f"MODIFY {schema_editor.quote_name(field.column)} {field.db_type(connection)} "
            f"{f'COLLATE {collation} ' if collation else ''}{'NULL' if field.null else 'NOT NULL'}"
        )
