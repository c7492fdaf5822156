import { creationOptions, credentialJson, requestOptions } from "../logic/passkey-codec.js";

// Asks the browser for a passkey as soon as the page is there, and sends the form with what it answered.
// Pages about passkeys load this module themselves; no other page needs it.

const WHY = {
  NotAllowedError: "That was cancelled, or took too long.",
  InvalidStateError: "This device holds a passkey for this account already.",
  SecurityError: "Passkeys need a secure address with a name, such as https://… or http://localhost.",
};

export class Passkey {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-passkey-status]");
    form.querySelector("[data-passkey-again]").addEventListener("click", () => this.ask());
    this.ask();
  }

  async ask() {
    if (!window.PublicKeyCredential) {
      this.status.textContent = "This browser knows no passkeys. Use the password.";
      return;
    }
    this.status.textContent = "Your browser asks for the passkey …";
    const options = JSON.parse(this.form.dataset.options);
    try {
      const credential =
        this.form.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey: creationOptions(options) })
          : await navigator.credentials.get({ publicKey: requestOptions(options) });
      this.form.elements.credential.value = JSON.stringify(credentialJson(credential));
      this.form.submit();
    } catch (error) {
      this.status.textContent = WHY[error.name] ?? "The passkey could not be read. Try again.";
    }
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) new Passkey(form);
