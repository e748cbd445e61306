import { describe, expect, it } from 'vitest';
import { defaultFleet, parseFleet } from '../../../envs/index.js';
import { transferDelays } from '../../../envs/config/fleetConfig.js';
import { InputError } from '../../../src/io/errors.js';

describe('fleet configuration', () => {
  it('fills in everything, and what it gives is itself valid', () => {
    const fleet = defaultFleet();
    expect(fleet.sites.map(({ name, gpus }) => [name, gpus.count])).toEqual([['CAISO', 3], ['ERCOT', 5], ['PJM', 6]]);
    expect(parseFleet(JSON.parse(JSON.stringify(fleet)))).toEqual(fleet);
  });

  it('has the stated transfer delays for three sites, another for more, and takes a matrix', () => {
    expect([...transferDelays(defaultFleet())]).toEqual([0, 8, 15, 8, 0, 10, 15, 10, 0]);
    const two = [{ name: 'a' }, { name: 'b' }];
    expect([...transferDelays(parseFleet({ sites: two }))]).toEqual([0, 11, 11, 0]);
    expect([...transferDelays(parseFleet({ sites: two, transfer: { delaySeconds: [[0, 1], [2, 0]] } }))]).toEqual([0, 1, 2, 0]);
  });

  it.each([
    [{ fleet: 1 }, 'fleet: unknown key'],
    [{ sites: [{ battery: { capacityKwH: 3 } }] }, 'sites.0.battery.capacityKwH: unknown key. Did you mean "capacityKwh"?'],
    [{ sites: [{ name: 'a' }, { name: 'b', gpus: { powerKw: 700 } }] }, 'sites.1.gpus.powerKw: expected <=5, found 700'],
    [{ sites: [{ gpus: { count: NaN } }] }, 'sites.0.gpus.count: expected number, found NaN'],
    [{ sites: [{ name: 'a' }, { name: 'a' }] }, 'sites.1.name: expected a unique name'],
    [{ sites: [{ battery: { initialSoc: 0.95 } }] }, 'sites.0.battery.initialSoc: expected a value from socMin 0.1 to socMax 0.9, found 0.95'],
    [{ sites: [{ demandWeight: 0 }] }, 'sites: expected a positive demandWeight'],
    [{ slotSeconds: 7 }, 'slotSeconds: expected a divisor of 3600, found 7'],
    [{ slotSeconds: '300' }, 'slotSeconds: expected number, found "300"'],
    [{ onLate: 'drop' }, 'onLate: expected one of "run"|"abandon"|"reject", found "drop"'],
    [{ stepsChoices: [10, 6] }, 'stepsChoices: expected ascending numbers'],
    [{ jobs: { imageProbabilities: [0.5, 0.1, 0.1, 0.1] } }, 'jobs.imageProbabilities: expected a sum of 1'],
    [{ transfer: { delaySeconds: [[1]] } }, 'transfer.delaySeconds: expected a 3 x 3 matrix'],
    [{ management: { chargeBelowQuantile: 0.8 } }, 'management.chargeBelowQuantile: expected at most dischargeAboveQuantile'],
    [null, 'top level: expected object, found null'],
  ])('refuses %j in one sentence that names the key', (input, sentence) => {
    expect(() => parseFleet(input)).toThrow(InputError);
    expect(() => parseFleet(input)).toThrow(sentence);
  });
});
