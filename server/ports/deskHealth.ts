import type { DeskTrouble } from '../../shared/protocol/serverMessage.ts';

/** Which desks the server cannot serve as it should, for those who tell their owners. */
export interface DeskHealth {
  /** Null: all is well. */
  trouble(deskId: string): DeskTrouble | null;
  /** Told of every change, at once. */
  onChange(listener: (deskId: string, trouble: DeskTrouble | null) => void): void;
}
