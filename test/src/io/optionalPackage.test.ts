import { expect, it } from 'vitest';
import { optionalPackage } from '../../../src/io/optionalPackage.js';

const absent = 'jouleflow-absent-package';

it('says what needs an absent package and how to install it', async () => {
  await expect(optionalPackage(absent, 'tuning', () => import(absent))).rejects.toThrow(
    'tuning needs the package jouleflow-absent-package, which is not installed: npm install jouleflow-absent-package',
  );
});

it('lets other faults of loading through', async () => {
  const broken = (): Promise<never> => Promise.reject(new SyntaxError('broken'));
  await expect(optionalPackage('x', 'tuning', broken)).rejects.toThrow(SyntaxError);
});
