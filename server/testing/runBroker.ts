import { connect, createServer } from 'node:net';

/**
 * What all test files of a run share is made when the first of them asks for it, and told at the socket `path`. Answers
 * how to end that: nothing is told any more, and nothing is being made.
 */
export async function tellAt<T>(path: string, make: () => Promise<T>): Promise<() => Promise<void>> {
  let made: Promise<T> | undefined;
  const broker = createServer((socket) => {
    made ??= make();
    made.then(
      (value) => socket.end(JSON.stringify({ value })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
  });
  await new Promise<void>((resolve) => broker.listen(path, resolve));
  return async () => {
    broker.close();
    await made?.catch(() => undefined);
  };
}

/** What is told at `path`. Rejects when it could not be made. */
export async function askAt<T>(path: string): Promise<T> {
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(path);
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
  const { value, error } = JSON.parse(answer) as { value?: T; error?: string };
  if (value === undefined) throw new Error(error);
  return value;
}
