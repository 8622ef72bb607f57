import { z } from 'zod';
import { deviceSchema } from '../device.ts';
import { id, none, op } from './define.ts';

/** Devices that are logged in. */
export const deviceOps = {
  'devices.list': op('read', 'Your devices.', none, z.object({ devices: z.array(deviceSchema) })),
  'devices.revoke': op(
    'command',
    'Log a device out; its sockets close.',
    z.strictObject({ deviceId: id }),
    z.object({ status: z.literal('accepted') }),
  ),
} as const;
