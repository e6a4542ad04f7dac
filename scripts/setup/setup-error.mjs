/** A step of the set-up cannot be done. Its message is for the user and says what to do; its stack tells nothing more. */
export class SetupError extends Error {}
