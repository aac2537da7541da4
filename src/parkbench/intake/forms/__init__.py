"""What people say about a source: by the page, by options of the command, by a TOML file."""

from parkbench.intake.forms.given import field_named, recipe_given
from parkbench.intake.forms.pages import ColumnsForm, UploadForm

__all__ = ["ColumnsForm", "UploadForm", "field_named", "recipe_given"]
