import { z } from 'zod';
import { accepted, op } from './define.ts';

export const alertOps = {
  'alerts.dismiss': op(
    'command',
    'Dismiss an alert that is only news. One that tells of something which still is so is refused, with what resolves it.',
    z.strictObject({ alertId: z.string().min(1).max(200) }),
    accepted,
  ),
};
