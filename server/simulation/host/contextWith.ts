import type { Context } from '../../core/context.ts';

/** The same context but for some members; as a plain object, of which mutants make others. */
export function contextWith(
  real: Context,
  members: { [K in keyof Context]?: TypedPropertyDescriptor<Context[K]> },
): Context {
  const context = Object.defineProperties({}, Object.getOwnPropertyDescriptors(real));
  return Object.defineProperties(context, members as PropertyDescriptorMap) as Context;
}
