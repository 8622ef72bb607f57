import { connect, createServer } from 'node:net';

/** What all test files of a run share is made when the first of them asks for it, and told at the socket `path`. */
export async function tellAt<T>(path: string, make: () => Promise<T>): Promise<() => Promise<T | undefined>> {
  let made: Promise<T> | undefined;
  const broker = createServer((socket) => {
    made ??= make();
    made.then(
      (value) => socket.end(JSON.stringify({ value })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
  });
  await new Promise<void>((resolve) => broker.listen(path, resolve));
  /** Tells no more; resolves with what was made, if it was. */
  return async () => {
    broker.close();
    return made?.catch(() => undefined);
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
