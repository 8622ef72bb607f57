import { auth, client, device } from '../connection/fillwire.ts';
import { AccountChoice } from './accountChoice.svelte.ts';
import { announceFrames } from './announcements.ts';
import { tellWhatWasMissed } from './awaySummary.ts';
import { BotLines } from './botLines.svelte.ts';
import { BotLog } from './botLog.svelte.ts';
import { CandleFeed } from './candleFeed.ts';
import { CatalogStore } from './catalog.svelte.ts';
import { CommandStore } from './commands.svelte.ts';
import { ConnectionStore } from './connection.svelte.ts';
import { DeskStore } from './desk.svelte.ts';
import { DeviceStore } from './devices.svelte.ts';
import { EquityCurve } from './equity.svelte.ts';
import type { ErrorText } from './errorText.ts';
import { QuoteStore } from './quotes.svelte.ts';
import { SessionStore } from './session.svelte.ts';
import { Submission } from './submission.svelte.ts';
import { ToastStore } from './toasts.svelte.ts';
import { ValuationStore } from './valuations.svelte.ts';

/** The stores of this page, over its one client. Views and components import them from here. */
export const toasts = new ToastStore();
export const connection = new ConnectionStore(client);
export const desk = new DeskStore(client);
export const accountChoice = new AccountChoice(desk);
export const valuations = new ValuationStore(client);
export const quotes = new QuoteStore(client);
export const catalog = new CatalogStore(client);
export const devices = new DeviceStore(client, device.id);
export const botLines = new BotLines(client);
export const commands = new CommandStore(client, toasts, devices);
export const session = new SessionStore(auth, client, device);
announceFrames(client, toasts);
if (typeof document !== 'undefined') tellWhatWasMissed(client, toasts, document);
/** Now on the server's clock, ms since 1970. */
export const serverNow = (): number => client.serverNow();

/** For one component's life each. */
export const newBotLog = (): BotLog => new BotLog(client);
export const newCandleFeed = (): CandleFeed => new CandleFeed(client);
export const newEquityCurve = (): EquityCurve => new EquityCurve(client);
export const newSubmission = (words?: (error: unknown) => ErrorText | null): Submission =>
  new Submission(() => devices.ownId, words);
