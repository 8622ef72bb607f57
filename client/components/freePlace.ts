export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** How finely places are looked for, px. */
const STEP = 8;
/** Between a message and the control beside it, px. */
const GAP = 4;

/** Where a box of that size touches nothing of `taken`, inside `room`: as low as possible, right before left; null: nowhere. */
export function freePlace(
  size: Pick<Box, 'width' | 'height'>,
  room: Box,
  taken: readonly Box[],
): Pick<Box, 'left' | 'top'> | null {
  const right = room.left + room.width - size.width;
  for (const left of new Set([right, room.left, (right + room.left) / 2])) {
    if (left < room.left) continue;
    for (let top = room.top + room.height - size.height; top >= room.top; top -= STEP)
      if (!taken.some((box) => touches({ left, top, ...size }, box))) return { left, top };
  }
  return null;
}

function touches(a: Box, b: Box): boolean {
  return (
    a.left < b.left + b.width + GAP &&
    b.left < a.left + a.width + GAP &&
    a.top < b.top + b.height + GAP &&
    b.top < a.top + a.height + GAP
  );
}
