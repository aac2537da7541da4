"""Who answers for which content, what is due, how complete it is."""
