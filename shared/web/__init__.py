"""HTTP code shared by the three services: problems, CloudEvents, lists, health and documents."""
