"""What the three HTTP faces share: problems, CloudEvents over HTTP, lists, health and documents."""
