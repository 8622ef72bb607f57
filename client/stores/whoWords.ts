import type { Emergency } from '../../shared/domain/alert.ts';
import { deviceLabel, t } from '../i18n/text.ts';
import type { DeviceStore } from './devices.svelte.ts';

/** A device by its name, as its owner knows it; null: nobody's device did it. */
export function deviceName(
  deviceId: string | null,
  devices: Pick<DeviceStore, 'list' | 'ownId'>,
): string | null {
  if (deviceId === null) return null;
  if (deviceId === devices.ownId) return t('error.thisDevice');
  const known = devices.list?.find((device) => device.deviceId === deviceId);
  return known === undefined ? t('error.otherDevice') : deviceLabel(known.name);
}

/** Who asked for an emergency stop; null: an older server does not say. */
export function whoStopped(
  { by, deviceId }: Pick<Emergency, 'by' | 'deviceId'>,
  devices: Pick<DeviceStore, 'list' | 'ownId'>,
): string | null {
  if (by === 'admin') return t('emergency.by.admin');
  return deviceName(deviceId ?? null, devices);
}
