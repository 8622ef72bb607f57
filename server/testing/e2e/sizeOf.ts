/** How much of something a test of the torture set does: `npm run torture` sets it by TORTURE_NAME, else `usual`. */
export function sizeOf(name: 'drops' | 'kills' | 'pauses' | 'seed', usual: number): number {
  const given = process.env[`TORTURE_${name.toUpperCase()}`];
  return given === undefined ? usual : Number(given);
}
