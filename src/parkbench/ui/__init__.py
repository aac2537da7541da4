"""The look of Parkbench: page parts, lists, charts, navigation and slots."""
