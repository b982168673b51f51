"""Which documents are near a text: the cosine of their TF-IDF vectors, by scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence

from raytool.records import ToolSpec


class Nearness:
    """Measured among some tools, by the words of their names and descriptions; how much a word tells is what it tells among them."""

    def __init__(self, tools: Sequence[ToolSpec]):
        from sklearn.feature_extraction.text import TfidfVectorizer  # takes a second to import

        self._names = [spec.name for spec in tools]
        self._vectorizer = TfidfVectorizer()
        self._documents = self._vectorizer.fit_transform(map(document, tools))

    def to(self, text: str) -> dict[str, float]:
        """The cosine of each tool's document and a text, 0 to 1, by the tool's name."""
        cosines = (self._documents @ self._vectorizer.transform([text]).T).toarray()[:, 0]  # the rows have length 1
        return dict(zip(self._names, map(float, cosines), strict=True))


def likeness(tool: ToolSpec, others: Sequence[ToolSpec]) -> list[float]:
    """The cosine of a tool's document and that of each of some others, of other names, measured among all of them."""
    near = Nearness([tool, *others]).to(document(tool))
    return [near[other.name] for other in others]


def document(spec: ToolSpec) -> str:
    """The words of a tool's name and description."""
    return f"{spec.name.replace('_', ' ')} {spec.description}"
