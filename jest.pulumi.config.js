/** The deployment program on a real Pulumi engine and a real cluster: `npm run test:pulumi`, see docs/e2e.md. */
module.exports = {
  ...require('./jest.config.js'),
  roots: ['<rootDir>/test/pulumi'],
  testPathIgnorePatterns: [],
  globalSetup: '<rootDir>/test/pulumi/set-up.ts',
  maxWorkers: 1,
  testTimeout: 600_000,
  verbose: true,
};
