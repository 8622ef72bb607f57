import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file with `text`, durably: who reads it finds the old one or the new one, also after a crash. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  await synced(await open(partial, 'w', 0o600), (file) => file.writeFile(text));
  await rename(partial, path);
  await synced(await open(dirname(path), 'r'), async () => {});
}

async function synced(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
