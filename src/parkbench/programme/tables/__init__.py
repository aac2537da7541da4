"""What lists and pages of the programme show."""

from parkbench.programme.tables.lists import export_rows, list_page
from parkbench.programme.tables.pages import is_contact_hidden, page_head, section_facts, slot_id

__all__ = ["export_rows", "is_contact_hidden", "list_page", "page_head", "section_facts", "slot_id"]
