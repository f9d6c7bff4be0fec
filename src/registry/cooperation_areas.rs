//! Cooperation areas: what nations work together on.

super::vocabulary::vocabulary! {
    /// A field in which nations work together: climate, exploration, innovation.
    CooperationArea in cooperation_areas, "cooperation-areas", "cooperation_area",
    "What nations work together on: climate, exploration, innovation. Written by administrators.",
    example: "climate", "Climate", "Climat",
    "Observing the Earth from space to measure climate change and its effects."
}
