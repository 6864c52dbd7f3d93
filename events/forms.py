"""What the secretariat types on the running-order page."""

from django import forms

from applications.models import Application
from events.models import Event, Track


class TrackForm(forms.Form):
    """Chooses one of the event's tracks; preset where there is only one."""

    track = forms.ModelChoiceField(Track.objects.none(), label="会场", empty_label=None)

    def __init__(self, event: Event, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.event = event
        field = self.fields["track"]
        field.queryset = event.tracks.all()  # type: ignore[attr-defined]
        field.label_from_instance = _track_label  # type: ignore[attr-defined]


class RankForm(TrackForm):
    places = forms.IntegerField(
        label="资料评审前几名",
        min_value=1,
        max_value=500,
        initial=12,
        help_text="末位并列的小组一并列入。",
        widget=forms.NumberInput({"data-unit": "名"}),
    )


class HandForm(TrackForm):
    application = forms.ModelChoiceField(Application.objects.none(), label="申报", empty_label="请选择")
    reason = forms.CharField(label="入选理由", max_length=200)

    def __init__(self, event: Event, *args: object, **kwargs: object) -> None:
        super().__init__(event, *args, **kwargs)
        candidates = Application.objects.taking_part().exclude(shortlistings__event=event)
        if event.round_id:
            candidates = candidates.filter(round_id=event.round_id)
        field = self.fields["application"]
        field.queryset = candidates.select_related("enterprise").order_by("file_number")  # type: ignore[attr-defined]
        field.label_from_instance = _label  # type: ignore[attr-defined]


def _track_label(track: Track) -> str:
    """The event is named on the page already."""
    return f"{track.name}（{track.room}）" if track.room else track.name


def _label(application: Application) -> str:
    return f"{application.file_number} {application.group_name}（{application.enterprise.name}）"
