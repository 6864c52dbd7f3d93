from reviews.models.judges import Judge, Pledge, Recusal, RecusalKind
from reviews.models.levels import LevelCut, LevelOverride, LevelScheme, OverrideBasis, ScoringRules
from reviews.models.panels import Assignment, Panel
from reviews.models.rankings import Ranking, TieDecision
from reviews.models.rubrics import Rubric, RubricItem, Stage, StageKind, StageRubric
from reviews.models.sheets import ItemScore, ScoreSheet

__all__ = [
    "Assignment",
    "ItemScore",
    "Judge",
    "LevelCut",
    "LevelOverride",
    "LevelScheme",
    "OverrideBasis",
    "Panel",
    "Pledge",
    "Ranking",
    "Recusal",
    "RecusalKind",
    "Rubric",
    "RubricItem",
    "ScoreSheet",
    "ScoringRules",
    "Stage",
    "StageKind",
    "StageRubric",
    "TieDecision",
]
