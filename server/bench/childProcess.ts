import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Longest wait for an answer, ms. */
const ANSWER_LIMIT_MS = 120_000;
/** Time to end by itself after being told to, ms. */
const END_LIMIT_MS = 5_000;

/** Time that work under way has to end once the parent is gone, ms. */
const WORK_LIMIT_MS = 60_000;

/** A request to a bench process and its answer, by the name of the request. */
export type Exchanges = Record<string, { request: object; answer: object }>;

/**
 * A process beside the one that measures: a server or a load. Ours is the only parent; it ends with us. Requests are
 * answered one at a time, in order.
 */
export class BenchProcess<E extends Exchanges> {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];

  /** `entry`: the name of a file in processes/, bundled beside this one. */
  constructor(entry: string, args: readonly string[] = [], env: Record<string, string> = {}) {
    this.name = entry;
    this.#child = fork(fileURLToPath(new URL(`./${entry}.mjs`, import.meta.url)), [...args], {
      env: { ...process.env, ...env },
      execArgv: ['--expose-gc'],
      // Standard output is the table's.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message: { error?: string }) => this.#settle(message));
    this.#child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.splice(0))
        reject(new Error(`${entry} ended (${signal ?? code})`));
    });
  }

  /** Rejects when the process answers with an error, ends, or stays silent for two minutes. */
  async ask<K extends keyof E & string>(type: K, request: E[K]['request']): Promise<E[K]['answer']> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<E[K]['answer']>((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`${this.name} did not answer ${type}`)), ANSWER_LIMIT_MS);
        this.#waiting.push({ resolve: resolve as (answer: unknown) => void, reject });
        this.#child.send({ type, ...request }, (error) => {
          if (error) reject(error);
        });
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #settle(message: { error?: string }): void {
    const waiter = this.#waiting.shift();
    if (message.error === undefined) waiter?.resolve(message);
    else waiter?.reject(new Error(`${this.name}: ${message.error}`));
  }

  /** Lets it end, and ends it when it does not. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  }
}

type Handlers<E extends Exchanges> = {
  [K in keyof E]: (request: E[K]['request']) => Promise<E[K]['answer']> | E[K]['answer'];
};

/**
 * The other side: answers each request with what its handler returns. Ends when the parent is gone, after what is
 * under way: a handler may have started a database.
 */
export function answerRequests<E extends Exchanges>(handlers: Handlers<E>): void {
  let underWay: Promise<void> = Promise.resolve();
  process.on('disconnect', () => {
    setTimeout(() => process.exit(1), WORK_LIMIT_MS);
    void underWay.then(() => process.exit(0));
  });
  process.on('message', (message: { type: string }) => {
    const handler = handlers[message.type];
    const answered = (async () => {
      if (handler === undefined) throw new Error(`no request is named ${message.type}`);
      return await handler(message);
    })();
    const tell = (answer: object): void => {
      if (process.connected) process.send?.(answer);
    };
    underWay = answered.then(tell, (error: unknown) =>
      tell({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
}
