import type { InputOf } from '../inputs.ts';
import type { Turn } from '../turn/turn.ts';
import { removeKeys, setKeys } from './accountKeys.ts';
import { createAccount, removeAccount, resetAccount, updateAccount } from './accounts.ts';
import { cloneBot, createBot, deleteBot, updateBot } from './botConfig.ts';
import { pauseBot, resumeBot, startBot, startBots, stopBot, stopBots } from './bots.ts';
import { dismissAlert } from './dismissAlert.ts';
import { emergencyStop, releaseEmergency } from './emergency.ts';
import { setLimits } from './limits.ts';
import {
  amendByHand,
  cancelByHand,
  closePosition,
  reducePosition,
  setStopByHand,
  submitByHand,
} from './orders.ts';
import { type CommandOutcome, done, refused } from './reply.ts';
import { resolveForeign } from './resolveForeign.ts';
import { unknownScope } from './scope.ts';
import { setTakeProfitByHand } from './takeProfitByHand.ts';

/** One handler per command; each either refuses and changes nothing, or says what it made. */
export function decideCommand(turn: Turn, input: InputOf<'Command'>): CommandOutcome {
  const { command, expectedVersion } = input;
  const unknown = 'scope' in command ? unknownScope(turn, command.scope) : undefined;
  if (unknown !== undefined) return refused(unknown);
  switch (command.type) {
    case 'CreateAccount':
      return createAccount(turn, command);
    case 'UpdateAccount':
      return updateAccount(turn, command, expectedVersion);
    case 'ResetAccount':
      return resetAccount(turn, command);
    case 'RemoveAccount':
      return removeAccount(turn, command);
    case 'SetKeys':
      return setKeys(turn, command);
    case 'RemoveKeys':
      return removeKeys(turn, command);
    case 'SetLimits':
      return setLimits(turn, command, expectedVersion);
    case 'ResolveForeign':
      return resolveForeign(turn, command.accountId, command.decision);
    case 'CreateBot':
      return createBot(turn, command.config);
    case 'UpdateBot':
      return updateBot(turn, command, expectedVersion);
    case 'CloneBot':
      return cloneBot(turn, command, expectedVersion);
    case 'DeleteBot':
      return deleteBot(turn, command.botId, expectedVersion);
    case 'StartBot':
      return startBot(turn, command.botId, expectedVersion);
    case 'PauseBot':
      return pauseBot(turn, command.botId);
    case 'ResumeBot':
      return resumeBot(turn, command.botId, expectedVersion);
    case 'StopBot':
      return stopBot(turn, command.botId, command.positions);
    case 'StartBots':
      return startBots(turn, command.scope);
    case 'StopBots':
      return stopBots(turn, command.scope, command.positions);
    case 'SubmitOrder':
      return submitByHand(turn, command.request);
    case 'AmendOrder':
      return amendByHand(turn, command);
    case 'CancelOrder':
      return cancelByHand(turn, command.orderId);
    case 'ClosePosition':
      return closePosition(turn, command.accountId, command.symbol);
    case 'ReducePosition':
      return reducePosition(turn, command);
    case 'SetStop':
      return setStopByHand(turn, command.accountId, command.symbol, command.triggerPrice);
    case 'SetTakeProfit':
      return setTakeProfitByHand(turn, command.accountId, command.symbol, command.price);
    case 'NoteAdminAction':
      return done(command.result);
    case 'DismissAlert':
      return dismissAlert(turn, command.alertId);
    case 'EmergencyStop':
      return emergencyStop(turn, command.scope);
    case 'ReleaseEmergency':
      return releaseEmergency(turn, command.scope);
  }
}
