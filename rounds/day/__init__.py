"""Read models of the event day: guest list, a party's meetings, tables of a hall. Nothing here writes."""
