from reviews.models.expertise import Availability, DeclaredRelation, ExpertiseField, RelationKind
from reviews.models.judges import Judge, Pledge, Recusal, RecusalKind
from reviews.models.levels import LevelCut, LevelOverride, LevelScheme, OverrideBasis, ScoringRules
from reviews.models.panels import Assignment, Panel
from reviews.models.proposals import AssignmentProposal, LineKind, Mode, ProposalLine, ProposalPanel
from reviews.models.rankings import Ranking, TieDecision
from reviews.models.rubrics import Rubric, RubricItem, Stage, StageKind, StageRubric
from reviews.models.sheets import ItemScore, ScoreSheet

__all__ = [
    "Assignment",
    "AssignmentProposal",
    "Availability",
    "DeclaredRelation",
    "ExpertiseField",
    "ItemScore",
    "Judge",
    "LevelCut",
    "LevelOverride",
    "LevelScheme",
    "LineKind",
    "Mode",
    "OverrideBasis",
    "Panel",
    "Pledge",
    "ProposalLine",
    "ProposalPanel",
    "Ranking",
    "Recusal",
    "RecusalKind",
    "RelationKind",
    "Rubric",
    "RubricItem",
    "ScoreSheet",
    "ScoringRules",
    "Stage",
    "StageKind",
    "StageRubric",
    "TieDecision",
]
