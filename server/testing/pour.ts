import type { Socket } from 'node:net';
import type { EndlessInput } from './endlessInput.ts';

/** Sends without end, as long as `goesOn`. Whatever it is told, it does not listen. */
export function pour(
  socket: Socket,
  { opening, afterAnswer, piece }: EndlessInput,
  goesOn: () => boolean,
): void {
  const go = (): void => {
    while (goesOn() && !socket.destroyed && socket.write(piece));
  };
  socket.on('connect', () => {
    if (opening !== '') socket.write(opening, 'latin1');
    if (afterAnswer === null) go();
  });
  socket.once('data', () => {
    if (afterAnswer === null) return;
    socket.write(afterAnswer);
    go();
  });
  socket.on('drain', go);
  // It must not be held back by what it has not read.
  socket.resume();
}
