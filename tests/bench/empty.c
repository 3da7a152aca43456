/* A preload that does nothing: what the loader alone costs. */
int empty_preload;
