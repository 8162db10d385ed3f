export default {
  // dist-* are private builds beside dist; `npm test` selects dist alone.
  files: ['dist{,-*}/test/**/*.test.js'],
  // Tests start clusters of several processes each and wait for them: on two cores a third file uses what the others leave.
  concurrency: 3,
  timeout: '2m',
  // Processes, not threads: native addons, signals and process.exit belong to the process under test.
  workerThreads: false,
  nodeArguments: ['--enable-source-maps'],
};
