import type { CommandName, OpArgs } from '../../../shared/protocol/ops.ts';
import type { Command } from '../../core/commands.ts';

/** An op as a device sends it. */
export type Asked = { [O in CommandName]: { op: O; args: OpArgs<O> } }[CommandName];

/** What a device sends so that the server makes this command of it. */
export function opOf(command: Command): Asked {
  switch (command.type) {
    case 'CreateAccount': {
      const { type: _, ...args } = command;
      return { op: 'accounts.create', args };
    }
    case 'UpdateAccount': {
      const { type: _, ...args } = command;
      return { op: 'accounts.update', args };
    }
    case 'ResetAccount':
      return { op: 'accounts.reset', args: { accountId: command.accountId } };
    case 'ResolveForeign': {
      const { accountId, decision = 'adopt' } = command;
      return { op: 'accounts.resolveForeign', args: { accountId, decision } };
    }
    case 'SetLimits': {
      const { type: _, ...args } = command;
      return { op: 'limits.set', args };
    }
    case 'CreateBot':
      return { op: 'bots.create', args: command.config };
    case 'UpdateBot':
      return { op: 'bots.update', args: { botId: command.botId, ...command.change } };
    case 'DeleteBot':
      return { op: 'bots.delete', args: { botId: command.botId } };
    case 'StartBot':
      return { op: 'bots.start', args: { botId: command.botId } };
    case 'PauseBot':
      return { op: 'bots.pause', args: { botId: command.botId } };
    case 'ResumeBot':
      return { op: 'bots.resume', args: { botId: command.botId } };
    case 'StopBot':
      return { op: 'bots.stop', args: { botId: command.botId, positions: command.positions } };
    case 'StartBots':
      return { op: 'bots.startAll', args: command.scope };
    case 'StopBots':
      return { op: 'bots.stopAll', args: { ...command.scope, positions: command.positions } };
    case 'SubmitOrder': {
      const { stopPrice, takeProfitPrice, price, ...args } = command.request;
      const protection = { stopPrice: stopPrice ?? undefined, takeProfitPrice: takeProfitPrice ?? undefined };
      return {
        op: 'orders.submit',
        args: { ...args, price: price ?? undefined, protection, preview: false },
      };
    }
    case 'AmendOrder': {
      const { orderId, price, size } = command;
      return { op: 'orders.amend', args: { orderId, price, size } };
    }
    case 'CancelOrder':
      return { op: 'orders.cancel', args: { orderId: command.orderId } };
    case 'ClosePosition': {
      const { accountId, symbol } = command;
      return { op: 'positions.close', args: { accountId, symbol } };
    }
    case 'ReducePosition': {
      const { accountId, symbol, size } = command;
      return { op: 'positions.reduce', args: { accountId, symbol, size } };
    }
    case 'SetStop': {
      const { accountId, symbol, triggerPrice } = command;
      return { op: 'positions.setStop', args: { accountId, symbol, triggerPrice } };
    }
    case 'EmergencyStop':
      return { op: 'emergency.stop', args: { ...command.scope, preview: false } };
    case 'ReleaseEmergency':
      return { op: 'emergency.release', args: command.scope };
    default:
      throw new RangeError(`no device of the simulation sends ${command.type}`);
  }
}
