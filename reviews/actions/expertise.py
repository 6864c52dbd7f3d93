"""What is written in words about a judge's expertise, as fields of the vocabulary."""

from reviews.models import ExpertiseField, Judge


def take_from_words(judge: Judge) -> list[ExpertiseField]:
    """Fields whose name stands in the judge's own words are added; none is taken away. Called inside a transaction."""
    active = ExpertiseField.objects.filter(is_active=True)
    found = [field for field in active if judge.expertise and field.name in judge.expertise]
    judge.expertise_fields.add(*found)
    return found
