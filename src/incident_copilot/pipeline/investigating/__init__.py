"""The parts of `investigate`: what evidence says as `findings`, and the `lines` of the brief."""
