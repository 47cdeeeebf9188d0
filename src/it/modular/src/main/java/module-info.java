/** A user's module: of Krongauss it names the one module. */
module org.example.modular {
  requires dev.krongauss;
}
