/* A process that speaks the protocol of the bench processes by hand: echoes, fails, or dies. */
process.on('message', ({ id, name, argument }) => {
  if (name === 'open' && argument === 'die') {
    process.stderr.write('no connection to be had\n', () => process.exit(3));
    return;
  }
  if (name === 'die') process.kill(process.pid, 'SIGKILL');
  else if (name === 'fail') process.send({ id, failure: 'that went wrong' });
  else if (name === 'close') process.send({ id, value: null }, () => process.disconnect());
  else process.send({ id, value: argument });
});
process.once('disconnect', () => process.exit());
