import type { Push } from '../../shared/protocol/serverMessage.ts';
import type { BusMessage } from '../ports/eventBus.ts';

/** What is told to the devices of a desk that look now, and kept for nobody. */
export function notice(deskId: string, push: Push): BusMessage {
  return { type: 'notice', deskId, channel: push.ch, payload: JSON.stringify(push) };
}
