import type { ImportStatement } from './sourceFiles.ts';

/** The floors of server/core, the lowest first: each stands on those below it, and rooms of one floor are apart. */
const FLOORS: readonly (readonly string[])[] = [
  ['rules', 'strategy', 'market'],
  ['words'],
  ['fold'],
  ['turn'],
  ['ask'],
  ['order', 'botState'],
  ['risk'],
  ['protection'],
  ['bot', 'emergency', 'panic'],
  ['ledger', 'settle'],
  ['facts', 'command'],
  ['watch'],
  ['doors'],
];

/** The files of the folder itself: by these two the outside comes in, and the others are the words that all rooms use. */
const DOORS = /^server\/core\/(decide|withdrawn)\.ts$/;

/** The room of a file of the core. */
function roomOf(path: string): string {
  const folder = /^server\/core\/([^/]+)\//.exec(path)?.[1];
  return folder ?? (DOORS.test(path) ? 'doors' : 'words');
}

const floorOf = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room));

/** What is wrong with an import from one file of the core to another; undefined: it leads downward, or stays in its room. */
export function floorProblem(file: string, { target }: ImportStatement): string | undefined {
  if (!file.startsWith('server/core/') || !target.startsWith('server/core/')) return undefined;
  const [from, to] = [roomOf(file), roomOf(target)];
  if (from === to) return undefined;
  const [own, other] = [floorOf(from), floorOf(to)];
  for (const [room, floor] of [
    [from, own],
    [to, other],
  ] as const)
    if (floor === -1)
      return `server/core/${room} stands on no floor: give it one in server/tidy/coreFloors.ts`;
  if (other < own) return undefined;
  const where = other === own ? `beside it on floor ${own}` : `on floor ${other}, above its own floor ${own}`;
  return `the core's floors: ${from} may not know ${to}, which is ${where}; take it as a parameter, or move what is shared further down`;
}
