import { afterEach } from 'vitest';
import { GatewayWorld, type WorldOptions } from './gatewayWorld.ts';

/** Starts gateway worlds for the tests of a file, and stops them after each. */
export function worldStarter(): (options?: WorldOptions) => Promise<GatewayWorld> {
  const worlds: GatewayWorld[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.stop();
  });
  return async (options = {}) => {
    const world = await GatewayWorld.start(options);
    worlds.push(world);
    return world;
  };
}
