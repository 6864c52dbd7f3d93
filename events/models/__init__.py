from events.models.batches import ShortlistBatch
from events.models.draws import Draw
from events.models.events import Event, EventKind, Track
from events.models.running_order import Shortlist, ShortlistBasis, Slot

__all__ = ["Draw", "Event", "EventKind", "Shortlist", "ShortlistBasis", "ShortlistBatch", "Slot", "Track"]
