/**
 * 128 random bits as 32 hex digits. From `getRandomValues`, which plain-HTTP pages have too; `randomUUID` they do
 * not.
 */
export function randomId(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
