"""Types of the engine's arrays, and the construction of sparse matrices."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy import sparse

type Floats = npt.NDArray[np.floating]
type Integers = npt.NDArray[np.integer]
type Booleans = npt.NDArray[np.bool_]

type SparseMatrix = sparse.csr_array[np.float32]
"""One row per text, float32."""

type PairRows = tuple[Integers, Integers]
"""Pairs given as (row of the achievement, row of the demand), each array (pairs,)."""


def sparse_matrix(
    data: Sequence[float] | Floats, indices: Sequence[int] | Integers, row_ends: Sequence[int] | Integers, width: int
) -> SparseMatrix:
    """Build a matrix (rows × width) from the values and columns of all rows. `row_ends` (rows + 1,) starts with 0."""
    matrix = sparse.csr_array(
        (np.asarray(data, np.float32), np.asarray(indices, np.int32), np.asarray(row_ends, np.int32)),
        shape=(len(row_ends) - 1, width),
    )
    return cast("SparseMatrix", matrix)
