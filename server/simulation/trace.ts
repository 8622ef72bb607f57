import type { DeskEvent } from '../core/events.ts';
import type { Input } from '../core/inputs.ts';

/** An input in one line, for histories. */
export function describeInput(input: Input): string {
  if (input.type === 'Command') return `Command ${JSON.stringify(input.command)}`;
  if (input.type === 'OrderAnswered')
    return `OrderAnswered ${input.action} ${input.orderId.slice(0, 6)} ${JSON.stringify(input.answer)}`;
  if (input.type === 'OrderFound')
    return `OrderFound ${input.orderId.slice(0, 6)} ${input.order === null ? 'nothing' : `${input.order.status} ${input.order.filledSize}/${input.order.size}`}`;
  if (input.type === 'LookUpFailed') return `LookUpFailed ${input.orderId.slice(0, 6)} ${input.reason}`;
  if (input.type === 'VenueOrderSeen') {
    const { order } = input;
    return `VenueOrderSeen ${order.venueOrderId} ${order.type} ${order.status} ${order.filledSize}/${order.size}`;
  }
  if (input.type === 'VenueFillSeen') {
    const { fill } = input;
    return `VenueFillSeen ${fill.fillId} of ${fill.venueOrderId} ${fill.side} ${fill.size}@${fill.price} cursor ${fill.cursor}`;
  }
  if (input.type === 'AccountRead') {
    const { state, fills } = input;
    const held = state.positions.map(
      (position) => `${position.direction} ${position.size} ${position.symbol}`,
    );
    const orders = state.orders.map((order) => `${order.venueOrderId} ${order.type}`);
    return `AccountRead cursors ${state.cursors.fills}/${state.cursors.bills} [${held.join()}] orders [${orders.join()}] fills ${fills.map((fill) => fill.fillId).join()}`;
  }
  return input.type;
}

/** What an event says, in a few words. */
export function describeEvent(event: DeskEvent): string {
  switch (event.kind) {
    case 'OrderSubmitted':
    case 'OrderAccepted':
    case 'OrderUpdated':
    case 'OrderCancelled':
    case 'OrderRejected':
    case 'OrderUnknown': {
      const { order } = event.data;
      const asked = order.cancelRequested ? ' cancel asked' : '';
      return `${event.kind} ${order.orderId.slice(0, 6)}/${order.venueOrderId} ${order.purpose} ${order.side} ${order.filledSize}/${order.size} ${order.symbol} ${order.status}${asked}`;
    }
    case 'BotStateChanged':
      return `Bot ${event.data.bot.botId.slice(0, 6)} ${event.data.bot.state}${event.data.bot.closing ? ' closing' : ''} (${event.data.bot.reason?.code})`;
    case 'PositionChanged':
    case 'StopPlaced':
    case 'StopReplaced':
    case 'StopTriggered': {
      const { position } = event.data;
      const stop =
        position.stop === null
          ? 'no stop'
          : `stop ${position.stop.state} ${position.stop.triggerPrice} of ${position.stop.orderId?.slice(0, 6)}`;
      return `${event.kind} ${position.direction} ${position.size} ${position.symbol} ${stop}`;
    }
    case 'AlertRaised':
      return `Alert ${event.data.alert.code}: ${JSON.stringify(event.data.alert.figures)}`;
    case 'ForeignActivity':
      return `Foreign: ${event.data.account.foreign?.found.code}`;
    case 'EmergencyStage':
    case 'EmergencyReceipt':
      return `${event.kind} ${event.data.emergency.stage}`;
    default:
      return event.kind;
  }
}
